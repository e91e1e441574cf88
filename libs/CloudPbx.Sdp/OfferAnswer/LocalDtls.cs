namespace CloudPbx.Sdp;

/// <summary>What a leg brings for DTLS-SRTP (RFC 5763) and ICE (RFC 8839): the same for its whole life, but for a restart of ICE, which takes new credentials on both sides.</summary>
/// <param name="Fingerprint">Of our certificate, as <c>a=fingerprint</c> has it: <c>sha-256 AB:CD:…</c>.</param>
/// <param name="Ufrag">Our ICE user name fragment.</param>
/// <param name="Password">Our ICE password.</param>
public sealed record LocalDtls(string Fingerprint, string Ufrag, string Password);
