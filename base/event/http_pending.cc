#include "base/event/http_pending.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>

#include <new>
#include <utility>

#include "base/event/http_refusal.h"
#include "base/handle.h"

namespace airlane {
namespace {

using Evbuffer = Handle<evbuffer, evbuffer_free>;

const char* reason_phrase(int status) {
  switch (status) {
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    default:
      return nullptr;  // evhttp knows it.
  }
}

const char* method_name(evhttp_cmd_type type) {
  switch (type) {
    case EVHTTP_REQ_GET:
      return "GET";
    case EVHTTP_REQ_POST:
      return "POST";
    case EVHTTP_REQ_HEAD:
      return "HEAD";
    case EVHTTP_REQ_PUT:
      return "PUT";
    case EVHTTP_REQ_DELETE:
      return "DELETE";
    case EVHTTP_REQ_OPTIONS:
      return "OPTIONS";
    case EVHTTP_REQ_PATCH:
      return "PATCH";
    case EVHTTP_REQ_TRACE:
      return "TRACE";
    case EVHTTP_REQ_CONNECT:
      return "CONNECT";
  }
  return "";
}

std::string taken_from(evbuffer* buffer) {
  std::string bytes(evbuffer_get_length(buffer), '\0');
  if (!bytes.empty()) evbuffer_remove(buffer, bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

HttpRequest request_of(evhttp_request& from) {
  HttpRequest request;
  request.method = method_name(evhttp_request_get_command(&from));
  const evhttp_uri* const uri = evhttp_request_get_evhttp_uri(&from);
  if (const char* const path = uri ? evhttp_uri_get_path(uri) : nullptr) request.raw_path = path;
  if (const char* const query = uri ? evhttp_uri_get_query(uri) : nullptr) {
    request.raw_query = query;
  }
  request.path = percent_decode(request.raw_path);
  request.query = parse_form(request.raw_query);
  const evkeyvalq* const fields = evhttp_request_get_input_headers(&from);
  for (const evkeyval* field = fields->tqh_first; field; field = field->next.tqe_next) {
    request.headers.emplace_back(field->key, field->value);
  }
  request.body = taken_from(evhttp_request_get_input_buffer(&from));
  return request;
}

void HttpReply::send(int status, const HttpFields& headers, std::string_view body) const {
  pending_->send(status, headers, body);
}

bool HttpReply::gone() const { return pending_->gone; }

void HttpReply::Pending::refuse(std::string_view sentence, HttpFields fields) {
  fields.emplace_back("Content-Type", "application/json");
  fields.emplace_back("Connection", "close");
  send(400, fields, refusal_body(sentence));
}

void HttpReply::Pending::send(int status, const HttpFields& headers, std::string_view body) {
  evhttp_request* const answered = std::exchange(request, nullptr);
  if (!answered) return;
  evkeyvalq* const out = evhttp_request_get_output_headers(answered);
  // evhttp refuses a field with a line break in it, so none can be smuggled in.
  for (const auto& [name, value] : headers) evhttp_add_header(out, name.c_str(), value.c_str());
  const bool wants_body = evhttp_request_get_command(answered) != EVHTTP_REQ_HEAD;
  // RFC 9110, section 8.6: to HEAD either the length that GET would have, or none.
  if (wants_body || !body.empty()) {
    evhttp_add_header(out, "Content-Length", std::to_string(body.size()).c_str());
  }
  const Evbuffer bytes(evbuffer_new());
  if (!bytes) throw std::bad_alloc();
  if (wants_body) evbuffer_add(bytes.get(), body.data(), body.size());
  speaking = true;
  evhttp_send_reply(answered, status, reason_phrase(status), bytes.get());
  speaking = false;
}

}  // namespace airlane
