# `cpack`: a Debian package of everything that is installed. What Debian wants besides (packaging/debian)
# is laid beside it at the end. For a release configure with the preset release and the prefix /usr.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tacit)
set(CPACK_PACKAGE_CONTACT "Tacit maintainers <maintainers@tacit.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "secrets for every process of a user")
set(CPACK_PACKAGE_DESCRIPTION
"A daemon of the user's own keeps an encrypted vault, unlocked once a session,
and gives its secrets to that user's programs over a Unix socket: to shells,
scripts, services, notebooks, pip and git, by the program tacit, by a library
for C, C++ and Python, or by plain gRPC. No file says them.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)

set(debian ${PROJECT_SOURCE_DIR}/packaging/debian)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
# A manager that runs the units; logind, which polkit lets the daemon ask to wait before a suspend; the
# window for questions.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "dbus-user-session, libpam-systemd, polkitd, pinentry-curses | pinentry")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "python3:any, pkgconf, libnghttp2-dev")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/postinst ${debian}/prerm ${debian}/postrm
    ${debian}/triggers)
set(CPACK_PRE_BUILD_SCRIPTS ${debian}/stage.cmake)
include(CPack)
