namespace CloudPbx.Sip.Messages;

/// <summary>One parameter of a header field or URI, as it is written.</summary>
/// <param name="Name">The name; compared without regard to case.</param>
/// <param name="Value">The value with its quotes or %-escapes, or <see langword="null"/> for a parameter without one.</param>
public readonly record struct SipParameter(string Name, string? Value);
