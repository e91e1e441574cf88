namespace CloudPbx.Sip.Resolution;

/// <summary>An SRV record (RFC 2782).</summary>
/// <param name="Priority">Lower ones come first.</param>
/// <param name="Weight">The share among those of one priority.</param>
/// <param name="Port">The port.</param>
/// <param name="Target">The host; <c>.</c> says that the service is decidedly not there.</param>
public sealed record SrvRecord(int Priority, int Weight, int Port, string Target);
