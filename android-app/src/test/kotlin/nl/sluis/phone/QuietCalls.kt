package nl.sluis.phone

/**
 * Calls that reach parts of the system which this phone does not have and which change nothing that it shows: notices
 * to other services, questions whose plain "no" or "none" is the truth here. Everything else is unexpected.
 */
internal object QuietCalls {
    /** Services that are told who owns the phone, or that something begins or ends. */
    private val notices = setOf(
        "ActivityManagerInternal.setDeviceOwnerUid",
        "ActivityManagerInternal.setProfileOwnerUid",
        "ActivityManagerInternal.setSwitchingFromSystemUserMessage",
        "ActivityManagerInternal.setSwitchingFromUserMessage",
        "ActivityManagerInternal.setSwitchingToSystemUserMessage",
        "ActivityManagerInternal.setSwitchingToUserMessage",
        "ActivityTaskManagerInternal.setDeviceOwnerUid",
        "ActivityTaskManagerInternal.setProfileOwnerUids",
        "AlarmManager.cancel",
        "ConnectivityManager.setProfileNetworkPreferences",
        "DeviceManagementResourcesProvider.load",
        "IActivityManager.updateDeviceOwner",
        "IActivityManager.updateLockTaskFeatures",
        "IActivityManager.updateLockTaskPackages",
        "IActivityTaskManager.updateLockTaskFeatures",
        "IBackupManager.setBackupServiceActive",
        "IPermissionManager.updatePermissionFlagsForAllApps",
        "IWindowManager.refreshScreenCaptureDisabled",
        "IWindowManager.setScreenCaptureDisabled",
        "Injector.registerContentObserver",
        "Injector.securityLogSetLoggingEnabledProperty",
        "Injector.systemPropertiesSet",
        "KeyChainConnection.close",
        "NetworkPolicyManagerInternal.onAdminDataAvailable",
        "NetworkPolicyManagerInternal.setMeteredRestrictedPackagesAsync",
        "PackageManagerInternal.setDeviceAndProfileOwnerPackages",
        "PackageManagerInternal.setDeviceOwnerProtectedPackages",
        "PackageManagerInternal.setOwnerProtectedPackages",
        "PowerManagerInternal.setMaximumScreenOffTimeoutFromDeviceAdmin",
        "RoleManager.addOnRoleHoldersChangedListenerAsUser",
        "StatsManager.setPullAtomCallback",
        "UsageStatsManagerInternal.onActiveAdminAdded",
        "UsageStatsManagerInternal.onAdminDataAvailable",
        "UsageStatsManagerInternal.setActiveAdminApps",
        "UserManagerInternal.addUserLifecycleListener",
        "UserManagerInternal.addUserRestrictionsListener",
        "UserManagerInternal.setDeviceManaged",
        "UserManagerInternal.setForceEphemeralUsers",
        "UserManagerInternal.setUserManaged"
    )

    /** What apps (not the owner) suspended or were kept from distracting with: there is none of that here. */
    private val othersSuspensions = setOf(
        "PackageManagerInternal.flushPackageRestrictions",
        "PackageManagerInternal.removeDistractingPackageRestrictions",
        "PackageManagerInternal.removeNonSystemPackageSuspensions"
    )

    /** Features that are off, files that are not there. */
    private val plainNo = setOf(
        "AccountManager.getAccounts",
        "IKeyChainService.hasCredentialManagementApp",
        "Injector.securityLogGetLoggingEnabledProperty",
        "Injector.securityLogIsLoggingEnabled",
        "Injector.storageManagerIsFileBasedEncryptionEnabled",
        "Injector.userManagerIsHeadlessSystemUserMode",
        "Injector.userManagerIsSplitSystemUser",
        "LockPatternUtils.isSeparateProfileChallengeEnabled",
        "TransferOwnershipMetadataManager.metadataFileExists",
        "UsbManager.getUsbHalVersion"
    )

    fun answer(call: Call): Any? = "${call.service}.${call.name}".let {
        if (it in notices || it in othersSuspensions || it in plainNo) nothing(call.method.returnType) else Unanswered
    }
}
