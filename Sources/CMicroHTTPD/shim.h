#include <microhttpd.h>

// libmicrohttpd starts a daemon through a variadic function, and has constants that are casts; Swift
// imports neither.

/// Serves a socket that listens already, on one thread of the library; NULL when that fails.
///
/// The library closes the socket when it stops.
static inline struct MHD_Daemon *muster_http_start(
    int listener, MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed, void *owner,
    unsigned connectionsMax, size_t connectionBytesMax, unsigned idleSecondsMax) {
  return MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handler, owner,
      MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listener, MHD_OPTION_NOTIFY_COMPLETED, completed, owner,
      MHD_OPTION_CONNECTION_LIMIT, connectionsMax, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      connectionBytesMax, MHD_OPTION_CONNECTION_TIMEOUT, idleSecondsMax, MHD_OPTION_END);
}

/// A response without a known length, whose bytes the reader gives.
static inline struct MHD_Response *muster_http_stream(
    size_t blockBytes, MHD_ContentReaderCallback reader, void *owner,
    MHD_ContentReaderFreeCallback release) {
  return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, blockBytes, reader, owner, release);
}

/// What a reader returns at its end.
static const ssize_t muster_http_end = MHD_CONTENT_READER_END_OF_STREAM;
