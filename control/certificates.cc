#include "control/certificates.h"

#include <sys/stat.h>

#include <utility>

#include "base/log.h"

namespace airlane {

Certificates::Certificates(Loop& control, std::vector<CertificateFiles> files,
                           std::span<const std::string_view> protocols, Callback<void()> on_change)
    : files_(std::move(files)),
      protocols_(protocols),
      on_change_(on_change),
      timer_(control, Callback<void()>::to<&Certificates::look>(*this)) {}

Outcome<Done> Certificates::load() {
  if (files_.empty()) return Done{};
  seen_ = stamps();
  auto loaded = TlsServerContext::load(files_, protocols_);
  if (!loaded) return loaded.error();
  current_ = *std::move(loaded);
  timer_.start(kLook);
  return Done{};
}

std::vector<Certificates::Stamp> Certificates::stamps() const {
  std::vector<Stamp> all;
  for (const auto& files : files_) {
    for (const auto* path : {&files.certificate, &files.key}) {
      struct stat file {};
      Stamp stamp;
      if (stat(path->c_str(), &file) == 0) {
        stamp = {file.st_ino, file.st_size, file.st_mtim.tv_sec, file.st_mtim.tv_nsec};
      }
      all.push_back(stamp);
    }
  }
  return all;
}

void Certificates::look() {
  timer_.start(kLook);
  if (stamps() != seen_) reload();
}

void Certificates::reload() {
  if (files_.empty()) return;
  seen_ = stamps();
  auto loaded = TlsServerContext::load(files_, protocols_);
  if (!loaded) return log::warning(loaded.error().text + " The one before stays in use.");
  current_ = *std::move(loaded);
  log::info("The certificates have been read again.");
  on_change_();
}

}  // namespace airlane
