#include "proxy/count.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cstring>
#include <system_error>
#include <utility>

namespace airlane {
namespace {

constexpr std::size_t kHeaderSize = 4096;  // One page, so that slots start on a cache line.
constexpr std::uint32_t kMostWorkers = 1024;
constexpr std::uint32_t kMostRows = 1 << 20;

struct Header {
  char magic[16];
  std::uint32_t workers;
  std::uint32_t rows;
  std::uint64_t epoch;
};
constexpr char kMagic[16] = "airlane-count-1";

std::size_t file_size(CounterFile::Shape shape) {
  return kHeaderSize + sizeof(CounterSlot) * shape.workers * shape.rows;
}

Failure failure(const std::string& path, const char* during, int os_error) {
  return {Failure::Kind::kInternal, "cannot " + std::string(during) + " the counter file " + path +
                                        ": " + std::system_category().message(os_error)};
}

Failure not_ours(const std::string& path) {
  return {Failure::Kind::kInternal,
          path + " is not a counter file, or it is damaged; move it away to start with a new one"};
}

std::uint64_t random_epoch() {
  std::uint64_t epoch = 0;
  while (epoch == 0) {
    if (getrandom(&epoch, sizeof epoch, 0) != sizeof epoch) std::abort();
    epoch &= INT64_MAX;  // The database has signed integers only.
  }
  return epoch;
}

void* map(int fd, std::size_t size) {
  return mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

}  // namespace

Outcome<CounterFile> CounterFile::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd && errno == ENOENT) return Failure{Failure::Kind::kNotFound, "there is no " + path};
  if (!fd) return failure(path, "open", errno);
  Header header{};
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return failure(path, "inspect", errno);
  if (pread(fd.get(), &header, sizeof header, 0) != sizeof header) return not_ours(path);
  const Shape shape{header.workers, header.rows};
  const bool sane = std::memcmp(header.magic, kMagic, sizeof kMagic) == 0 && header.epoch != 0 &&
                    shape.workers - 1 < kMostWorkers && shape.rows - 1 < kMostRows &&
                    static_cast<std::size_t>(status.st_size) == file_size(shape);
  if (!sane) return not_ours(path);
  void* const memory = map(fd.get(), file_size(shape));
  if (memory == MAP_FAILED) return failure(path, "map", errno);
  return CounterFile(std::move(fd), memory, file_size(shape));
}

Outcome<CounterFile> CounterFile::create(const std::string& path, Shape shape) {
  if (shape.workers - 1 >= kMostWorkers || shape.rows - 1 >= kMostRows) {
    return Failure{Failure::Kind::kInvalid,
                   "a counter file needs 1 to 1024 workers and 1 to "
                   "1048576 proxies"};
  }
  const std::string unfinished = path + ".new";
  UniqueFd fd(::open(unfinished.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return failure(path, "create", errno);
  const auto size = file_size(shape);
  if (const int error = posix_fallocate(fd.get(), 0, static_cast<off_t>(size)); error != 0) {
    unlink(unfinished.c_str());
    return failure(path, "allocate", error);
  }
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.workers = shape.workers;
  header.rows = shape.rows;
  header.epoch = random_epoch();
  if (pwrite(fd.get(), &header, sizeof header, 0) != sizeof header || fsync(fd.get()) != 0 ||
      flock(fd.get(), LOCK_EX | LOCK_NB) != 0 || rename(unfinished.c_str(), path.c_str()) != 0) {
    return failure(path, "write", errno);
  }
  void* const memory = map(fd.get(), size);
  if (memory == MAP_FAILED) return failure(path, "map", errno);
  return CounterFile(std::move(fd), memory, size);
}

CounterFile::CounterFile(CounterFile&& other) noexcept
    : fd_(std::move(other.fd_)),
      memory_(std::exchange(other.memory_, nullptr)),
      size_(other.size_) {}

CounterFile& CounterFile::operator=(CounterFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(memory_, other.memory_);
  std::swap(size_, other.size_);
  return *this;
}

CounterFile::~CounterFile() {
  if (memory_) munmap(memory_, size_);
}

bool CounterFile::lock() { return flock(fd_.get(), LOCK_EX | LOCK_NB) == 0; }

CounterSlot& CounterFile::slot(std::uint32_t row, std::uint32_t worker) noexcept {
  auto* const slots =
      reinterpret_cast<CounterSlot*>(static_cast<std::byte*>(memory_) + kHeaderSize);
  return slots[std::size_t{row} * shape().workers + worker];
}

std::span<const CounterSlot> CounterFile::row(std::uint32_t row) noexcept {
  return {&slot(row, 0), shape().workers};
}

CounterFile::Shape CounterFile::shape() const noexcept {
  const auto* header = static_cast<const Header*>(memory_);
  return {header->workers, header->rows};
}

std::uint64_t CounterFile::epoch() const noexcept {
  return static_cast<const Header*>(memory_)->epoch;
}

}  // namespace airlane
