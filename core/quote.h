// Text from outside, made fit to stand in an error message.
#pragma once

#include <string>
#include <string_view>

namespace glassformer {

// How many characters of a text quoted() shows before it cuts it short.
inline constexpr int kMaxQuotedCharacters = 40;

// quoted(text): the text in double quotes on one printable line. Control characters, line
// separators, characters that reorder or hide text, and bytes that are not valid UTF-8 become \xNN,
// byte by byte; quotes and backslashes get a backslash. A text longer than kMaxQuotedCharacters is
// cut there and ends in "...".
//
// An object and not a function, because a std::string argument would bring in std::quoted too.
struct Quoted {
  std::string operator()(std::string_view text) const;
};
inline constexpr Quoted quoted;

}  // namespace glassformer
