/// \file
/// Random numbers that depend on a seed and a key, and nothing else.
#pragma once

#include <varscope/random/random_fill.hpp>
