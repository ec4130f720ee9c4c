/* Passes connections on to a server, until it is told to cut them or to let none through. */
struct relay;

/* Starts a relay to `127.0.0.1:PORT` and writes its own address; NULL when it cannot. */
struct relay *relay_start(const char *server, char *address, int size);
/* Breaks all connections; with `closed`, new ones are broken as well until `relay_mend`. */
void relay_cut(struct relay *relay, int closed);
void relay_mend(struct relay *relay);
