namespace CloudPbx.MediaControl;

/// <summary>Whether the peer's RTP may come from another address than its SDP names.</summary>
public enum NatMode
{
    /// <summary>On when the SDP's address is not the address its signalling came from.</summary>
    Auto,

    /// <summary>Only the address in the SDP is listened to.</summary>
    Off,

    /// <summary>The source is learned, the signalling address first.</summary>
    On,
}
