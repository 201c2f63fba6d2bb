# Stands for the package of Boost.Hana alone: the target is all that counts, its headers are on the system's path.
add_library(hana INTERFACE IMPORTED)
