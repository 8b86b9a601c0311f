package nl.sluis.agent.core

/** The core refused its input or could not use its store; the message says where and why. */
class CoreException(message: String) : Exception(message)

/** The core panicked: a mistake in Sluis, not in its input. */
class CoreBug(message: String) : RuntimeException(message)
