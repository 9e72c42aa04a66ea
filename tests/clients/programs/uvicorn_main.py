"""What `python -m uvicorn` does."""

import uvicorn

if __name__ == "__main__":
    uvicorn.main()
