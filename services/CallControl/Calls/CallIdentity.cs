using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>What an INVITE of ours says of who calls and how the call came here. It is said by our configuration, never by a phone's own header fields (SECURITY.md S8).</summary>
/// <param name="Number">The number.</param>
/// <param name="Name">The name; empty for none.</param>
/// <param name="MaxForwards">The hops that are left (S13: a loop through other systems must end).</param>
/// <param name="Headers">Further header fields: who transferred or forwarded.</param>
internal sealed record CallIdentity(string Number, string Name, int MaxForwards, IReadOnlyList<HeaderField> Headers);
