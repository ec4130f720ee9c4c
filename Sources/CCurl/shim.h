#include <curl/curl.h>

// libcurl sets and reads options through variadic macros, which Swift does not import: one function
// for each kind of argument that we use.

static inline CURLcode muster_curl_set_number(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode muster_curl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode muster_curl_set_headers(CURL *easy, struct curl_slist *value) {
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, value);
}

/// Copies the body, whatever its bytes.
static inline CURLcode muster_curl_set_body(CURL *easy, const void *bytes, size_t count) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
  return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes) : code;
}

static inline size_t muster_curl_discard(char *bytes, size_t size, size_t count, void *owner) {
  (void)bytes;
  (void)owner;
  return size * count;
}

/// Reads the answer's body and forgets it.
static inline CURLcode muster_curl_discard_answer(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, muster_curl_discard);
}

static inline long muster_curl_status(CURL *easy) {
  long status = 0;
  return curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

static inline CURLcode muster_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_ALL); }
