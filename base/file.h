// Files that are whole and on the disk when we say so, also after a power cut.
//
// Every function blocks on the disk; any thread. What went wrong is an errno,
// std::errc::file_exists where a name is taken; whoever asked makes the sentence.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace airlane {

// All of the text, however many calls it takes.
[[nodiscard]] std::error_code write_all(int fd, std::string_view text);

// A name is on the disk, or gone from it, only when its folder is (fsync(2)).
[[nodiscard]] std::error_code sync_folder_of(const std::string& path);

// Gives the file `unfinished`, which is whole and synced, its name. Replaces nothing; where it
// fails, there is no `path` by us, and `unfinished` stays.
[[nodiscard]] std::error_code publish_file(const std::string& unfinished, const std::string& path);

// A new file of mode 0600, whole or not at all. Beside it is for a moment one whose name has
// kUnfinishedMark in it; it stays after a crash.
inline constexpr std::string_view kUnfinishedMark = ".new-";
[[nodiscard]] std::error_code write_new_file(const std::string& path, std::string_view text);

}  // namespace airlane
