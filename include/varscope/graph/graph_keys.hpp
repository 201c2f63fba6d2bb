/// \file
/// Keys of the collections that TensorFlow keeps itself.
#pragma once

#include <varscope/version.hpp>

#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

/// Keys of the collections that TensorFlow keeps itself (tf.GraphKeys).
namespace graph_keys {
// Variables.
inline constexpr std::string_view global_variables = "variables";
inline constexpr std::string_view local_variables = "local_variables";
inline constexpr std::string_view metric_variables = "metric_variables";
inline constexpr std::string_view model_variables = "model_variables";
inline constexpr std::string_view trainable_variables = "trainable_variables";
inline constexpr std::string_view moving_average_variables = "moving_average_variables";
inline constexpr std::string_view concatenated_variables = "concatenated_variables";
inline constexpr std::string_view trainable_resource_variables = "trainable_resource_variables";
// All else: kept so that ported programs find them.
inline constexpr std::string_view summaries = "summaries";
inline constexpr std::string_view queue_runners = "queue_runners";
inline constexpr std::string_view table_initializers = "table_initializer";
inline constexpr std::string_view asset_filepaths = "asset_filepaths";
inline constexpr std::string_view regularization_losses = "regularization_losses";
inline constexpr std::string_view savers = "savers";
inline constexpr std::string_view weights = "weights";
inline constexpr std::string_view biases = "biases";
inline constexpr std::string_view activations = "activations";
inline constexpr std::string_view update_ops = "update_ops";
inline constexpr std::string_view losses = "losses";
inline constexpr std::string_view saveable_objects = "saveable_objects";
inline constexpr std::string_view resources = "resources";
inline constexpr std::string_view local_resources = "local_resources";
inline constexpr std::string_view init_op = "init_op";
inline constexpr std::string_view local_init_op = "local_init_op";
inline constexpr std::string_view ready_op = "ready_op";
inline constexpr std::string_view ready_for_local_init_op = "ready_for_local_init_op";
inline constexpr std::string_view summary_op = "summary_op";
inline constexpr std::string_view global_step = "global_step";
inline constexpr std::string_view eval_step = "eval_step";
inline constexpr std::string_view train_op = "train_op";
inline constexpr std::string_view cond_context = "cond_context";
inline constexpr std::string_view while_context = "while_context";
} // namespace graph_keys

} // namespace varscope::inline VARSCOPE_ABI
