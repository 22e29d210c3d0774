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
# K-Means' loops are compiled here, not while the first visitor waits.
RUN python -c "from segmenter.cluster.kmeans import fit_kmeans; import numpy as np; fit_kmeans(np.arange(6.0)[:, None], 2, seed=0)"
EXPOSE 8501
HEALTHCHECK CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health')"
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address", "0.0.0.0"]
