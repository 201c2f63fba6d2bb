#define CATCH_CONFIG_RUNNER // version 2 of Catch2 compiles its runner here
#include "catch.hpp"

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
