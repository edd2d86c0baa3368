// Where a certificate and its key are. A value; any thread.
#pragma once

#include <string>

namespace airlane {

// Both are PEM. The certificate comes first in its file and may be followed by those that issued
// it; the key has no passphrase. They may be one file.
struct CertificateFiles {
  std::string certificate;
  std::string key;
  bool operator==(const CertificateFiles&) const = default;
};

}  // namespace airlane
