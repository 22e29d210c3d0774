# Serves the app as a user without rights, with uploads in memory only.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TMPDIR=/dev/shm MALLOC_ARENA_MAX=2 HOME=/home/segmenter
RUN useradd --create-home --uid 10001 segmenter
WORKDIR /app
COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir -r requirements.txt -c constraints.txt
COPY app.py ./
COPY .streamlit .streamlit
COPY segmenter segmenter
COPY --chown=segmenter models models
USER segmenter
EXPOSE 8501
HEALTHCHECK CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health')"
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address", "0.0.0.0"]
