//! Where log lines go: the system log on a phone, standard error on a host, so that JVM tests show them.

/// Installs the logger; a second time does nothing.
#[cfg(target_os = "android")]
pub(crate) fn install() {
    android_logger::init_once(
        android_logger::Config::default()
            .with_tag("Sluis")
            .with_max_level(log::LevelFilter::Info),
    );
}

/// Installs the logger; a second time does nothing.
#[cfg(not(target_os = "android"))]
pub(crate) fn install() {
    struct StandardError;
    impl log::Log for StandardError {
        fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
            metadata.level() <= log::Level::Warn
        }
        fn log(&self, record: &log::Record<'_>) {
            if self.enabled(record.metadata()) {
                eprintln!("Sluis {} {}", record.level(), record.args());
            }
        }
        fn flush(&self) {}
    }
    if log::set_logger(&StandardError).is_ok() {
        log::set_max_level(log::LevelFilter::Warn);
    }
}
