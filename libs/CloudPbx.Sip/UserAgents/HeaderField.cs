namespace CloudPbx.Sip.UserAgents;

/// <summary>A header field that a user adds to a message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, without CR, LF and NUL.</param>
public readonly record struct HeaderField(string Name, string Value);
