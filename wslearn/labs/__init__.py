"""What lessons 01, 10, 11 and 12 run: four ways to push, seven applications, a cluster, and proxies."""
