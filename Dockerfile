# The dashboard with the CPU build of torch, for any container platform:
#   docker build -t minibatch . && docker run --rm -p 8501:8501 minibatch
# It needs no write access but to /tmp: docker run --read-only --tmpfs /tmp ...

FROM debian:trixie-slim AS python
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*

FROM python AS packages
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3-venv
COPY requirements.txt /build/
COPY scripts/install.py /build/scripts/
RUN python3 -m venv /venv \
    && PIP_NO_CACHE_DIR=1 /venv/bin/python /build/scripts/install.py requirements.txt

FROM python
COPY --from=packages /venv /venv
WORKDIR /app
COPY app.py ./
COPY .streamlit .streamlit
COPY minibatch_core minibatch_core
COPY dashboard dashboard
COPY pages pages
COPY lessons lessons
# The kernels, for processors like the one that builds; on others they are compiled at the start.
RUN HOME=/tmp /venv/bin/python -c "from dashboard.shell.openings import compute_openings as run; run()"
RUN useradd --system --uid 10001 --no-create-home minibatch
USER minibatch
ENV HOME=/tmp PYTHONUNBUFFERED=1
EXPOSE 8501
# Ready when the kernels are compiled and the pages computed: 8 to 12 s on two cores.
HEALTHCHECK --start-period=120s --interval=15s --timeout=5s --retries=3 \
    CMD ["/venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["/venv/bin/streamlit", "run", "app.py", "--server.headless=true", "--server.address=0.0.0.0", "--server.port=8501"]
