// Memory for objects of one size that come and go all the time: what one gives back, the next
// takes, without a call of malloc. Up to a bound is kept; beyond it, memory goes back to the heap.
//
// One thread. BlockPool is the memory, BlockAllocator hands it to a std::list.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace airlane {

class BlockPool {
 public:
  explicit BlockPool(std::size_t most_kept) : most_kept_(most_kept) {}
  BlockPool(BlockPool&&) = delete;  // Allocators know its address.
  ~BlockPool() {
    for (void* block : kept_) ::operator delete(block);
  }

  // Always of one and the same size.
  void* take(std::size_t size) {
    if (kept_.empty()) return ::operator new(size);
    void* block = kept_.back();
    kept_.pop_back();
    return block;
  }
  void give_back(void* block) {
    if (kept_.size() < most_kept_) {
      kept_.push_back(block);
    } else {
      ::operator delete(block);
    }
  }

 private:
  std::size_t most_kept_;
  std::vector<void*> kept_;
};

template <class T>
class BlockAllocator {
 public:
  using value_type = T;

  explicit BlockAllocator(BlockPool& pool) noexcept : pool_(&pool) {}
  template <class U>
  BlockAllocator(const BlockAllocator<U>& other) noexcept : pool_(other.pool()) {}

  T* allocate(std::size_t) { return static_cast<T*>(pool_->take(sizeof(T))); }
  void deallocate(T* block, std::size_t) { pool_->give_back(block); }

  [[nodiscard]] BlockPool* pool() const noexcept { return pool_; }
  template <class U>
  bool operator==(const BlockAllocator<U>& other) const noexcept {
    return pool_ == other.pool();
  }

 private:
  BlockPool* pool_;
};

}  // namespace airlane
