"""The same game as an ordinary FastAPI service, made as a good team would make it; what the product is compared with.

Each request reads, checks, writes and commits for itself. There is no rule language, no hash chain, no audiences of
events, no past states: it does less. It runs by itself: `uvicorn bench.template.app:app`.
"""
