"""The Streamlit side: navigation, controls and live charts around `minibatch_core`."""
