namespace CloudPbx.TestKit.Phones;

/// <summary>The state of a call as GNOME Calls shows it on the bus (property State of org.gnome.Calls.Call).</summary>
public enum GnomeCallState
{
    /// <summary>None of the others.</summary>
    Unknown,

    /// <summary>Established.</summary>
    Active,

    /// <summary>On hold.</summary>
    Held,

    /// <summary>Dialled, no answer yet.</summary>
    Dialing,

    /// <summary>The other side rings.</summary>
    Alerting,

    /// <summary>Ringing here.</summary>
    Incoming,

    /// <summary>Knocking beside another call.</summary>
    Waiting,

    /// <summary>Over.</summary>
    Disconnected,
}
