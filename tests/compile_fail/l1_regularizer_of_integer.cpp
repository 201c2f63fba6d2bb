// An integer scale is an error in TensorFlow; here it does not compile.
#include <varscope/train/regularizers.hpp>

inline const auto good = varscope::l1_regularizer(1.0);
#ifndef VARSCOPE_GOOD
inline const auto bad = varscope::l1_regularizer(1); // error: varscope::l1_regularizer(scale): the scale must be a floating number, such as 1.0
#endif
