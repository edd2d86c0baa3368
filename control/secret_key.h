// Where the key comes from that seals what is secret in the database: a file of 64 hex digits that
// nobody but the server's user may read, outside of the state folder, so that a copy of that folder
// opens nothing.
//
//   [server] secret_key                    when it is set
//   $CREDENTIALS_DIRECTORY/airlane.key     when systemd gives us one (LoadCredential=)
//   STATE-secret/key                       else
//
// Plain system calls; before the loop runs.
#pragma once

#include "base/result.h"
#include "base/tls/sealing.h"
#include "conf/config.h"

namespace airlane {

// With `sealed` there are secrets that only the old key opens: a file that is missing is a failure,
// and never made anew. Otherwise it is made, with its folder. kInvalid for a file that holds no
// key, or that others may read.
Outcome<SealingKey> secret_key(const Config::Server& server, bool sealed);

}  // namespace airlane
