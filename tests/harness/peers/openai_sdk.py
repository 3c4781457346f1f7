"""A script as somebody would write it: asks a chat model through OpenAI's library, once.

usage: openai_sdk.py --cacert PEM PROMPT_BYTES
"""
import argparse
import ssl

import httpx
from openai import OpenAI

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--cacert", required=True)
options.add_argument("bytes", type=int)
given = options.parse_args()
client = OpenAI(
    api_key="test",
    max_retries=0,
    timeout=20,
    http_client=httpx.Client(verify=ssl.create_default_context(cafile=given.cacert)),
)
prompt = "x" * min(given.bytes, 1 << 20)
answer = client.chat.completions.create(model="test", messages=[{"role": "user", "content": prompt}])
print(answer.choices[0].message.content)
