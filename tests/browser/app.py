"""An app that signs its users in by clients that its authors did not write: Authlib in Flask, and joserfc for a second opinion.

Usage: python app.py ISSUER CLIENT_ID SECRET PORT
"""

import sys
from html import escape

import requests
from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, session, url_for
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.serving import make_server

issuer, client_id, secret, port = sys.argv[1:]
app = Flask(__name__)
app.secret_key = "only for a test"
oauth = OAuth(app)
gatepost = oauth.register(
    "gatepost",
    client_id=client_id,
    client_secret=secret,
    server_metadata_url=f"{issuer}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email groups offline_access", "code_challenge_method": "S256"},
)


def second_opinion(id_token, metadata, nonce):
    """Judges the ID token by a library that shares no code with the first one's flow."""
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    token = jwt.decode(id_token, keys, algorithms=["RS256", "ES256"])
    registry = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
    )
    registry.validate(token.claims)
    return token


@app.get("/login")
def login():
    return gatepost.authorize_redirect(url_for("callback", _external=True))


@app.get("/callback")
def callback():
    token = gatepost.authorize_access_token()
    claims = token["userinfo"]
    metadata = gatepost.load_server_metadata()
    judged = second_opinion(token["id_token"], metadata, claims["nonce"])
    info = gatepost.userinfo(token=token)
    again = gatepost.fetch_access_token(
        metadata["token_endpoint"], grant_type="refresh_token", refresh_token=token["refresh_token"]
    )
    renewed = gatepost.userinfo(token=again)
    session.clear()
    same = judged.claims["sub"] == claims["sub"] == info["sub"] == renewed["sub"]
    text = f"{info['email']} verified {info['email_verified']}; signed by {judged.header['alg']}; same user {same}"
    return f"<title>App</title><h1>The app</h1><p>{escape(text)}</p>"


@app.errorhandler(Exception)
def failed(error):
    return f"<title>App</title><h1>The app failed</h1><p>{escape(repr(error))}</p>", 500


server = make_server("127.0.0.1", int(port), app, threaded=True)
print(f"listening on http://127.0.0.1:{port}", flush=True)
server.serve_forever()
