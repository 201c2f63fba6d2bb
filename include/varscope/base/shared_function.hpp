/// \file
/// A function of the user's, of whatever type.
#pragma once

#include <varscope/version.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

template <class Signature>
class shared_function;

/// A function object that its copies share, or none. Safe from any thread as far as that is. Costs
/// compilers less than std::function.
template <class Result, class... Arguments>
class shared_function<Result(Arguments...)> {
public:
    shared_function() = default;
    template <class Function>
        requires(!std::is_same_v<Function, shared_function> &&
                    std::is_invocable_v<const Function&, Arguments...>)
    shared_function(Function function) // NOLINT(google-explicit-constructor): a lambda is one
        : object_{std::make_shared<const Function>(std::move(function))}
        , call_{[](const void* object, Arguments... arguments) -> Result {
            return (*static_cast<const Function*>(object))(std::forward<Arguments>(arguments)...);
        }} {}

    [[nodiscard]] explicit operator bool() const noexcept { return call_ != nullptr; }
    Result operator()(Arguments... arguments) const {
        return call_(object_.get(), std::forward<Arguments>(arguments)...);
    }

private:
    std::shared_ptr<const void> object_;
    Result (*call_)(const void* object, Arguments... arguments) = nullptr;
};

} // namespace varscope::inline VARSCOPE_ABI::detail
