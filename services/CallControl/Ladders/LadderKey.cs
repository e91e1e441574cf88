namespace CloudPbx.CallControl.Ladders;

/// <summary>What a leg's messages are found by.</summary>
/// <param name="CallId">The dialog's Call-ID.</param>
/// <param name="IsOurs">Whether we sent the INVITE: a call that comes back to us with its Call-ID is another leg.</param>
internal readonly record struct LadderKey(string CallId, bool IsOurs);
