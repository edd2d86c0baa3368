// The file that the access log is written to: whole lines only, and reopened when it was moved
// away.
//
// It may be a regular file, a FIFO or a device. Before each append it is asked whether the path
// still leads to what is open, so logrotate(8) needs no signal and no copytruncate. Opening and
// writing do not wait for a FIFO's reader; a disk may still be slow, so this belongs to a thread of
// its own, the log's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

class AccessFile {
 public:
  explicit AccessFile(std::string path) : path_(std::move(path)) {}

  // Opens it, or makes it; nothing to do when it is open and where it was.
  Status open();

  // Appends as many of the lines as the file takes now, and says how many bytes that were: less
  // than all, when the disk ran full or a FIFO is not being read. Never a part of a line: what a
  // full disk cut off is taken back. An Error when it took none.
  Result<std::size_t> append(std::string_view lines);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  [[nodiscard]] bool was_moved() const;
  void take_back(std::size_t bytes);

  const std::string path_;
  UniqueFd fd_;
  bool regular_ = false;
};

}  // namespace airlane
