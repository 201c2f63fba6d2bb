/// \file
/// Code with 32 different literals in it.
#pragma once

/// `code("0") code("1") ... code("31")`: 32 elements of a table of functions, each of which has
/// literals of its own.
#define VARSCOPE_FOR_32(code)                                                                      \
    code("0") code("1") code("2") code("3") code("4") code("5") code("6") code("7") code("8")      \
        code("9") code("10") code("11") code("12") code("13") code("14") code("15") code("16")     \
            code("17") code("18") code("19") code("20") code("21") code("22") code("23")           \
                code("24") code("25") code("26") code("27") code("28") code("29") code("30")       \
                    code("31")
