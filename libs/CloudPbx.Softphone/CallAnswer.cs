using CloudPbx.Sip.Messages;

namespace CloudPbx.Softphone;

/// <summary>Whether a call was answered.</summary>
/// <param name="Accepted">True for an answer with media.</param>
/// <param name="StatusCode">The final status code.</param>
/// <param name="Response">The final response to a call made, where there was one.</param>
public sealed record CallAnswer(bool Accepted, int StatusCode, SipResponse? Response);
