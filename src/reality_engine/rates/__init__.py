"""How often one may come: counts of requests and of attempts, in one process or shared; not what a request may hold."""
