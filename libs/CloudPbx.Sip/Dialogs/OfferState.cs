namespace CloudPbx.Sip.Dialogs;

/// <summary>Where offer and answer stand.</summary>
public enum OfferState
{
    /// <summary>Nothing was offered, or the first offer was refused.</summary>
    None,

    /// <summary>Our first offer is open.</summary>
    FirstSent,

    /// <summary>The peer's first offer is open.</summary>
    FirstReceived,

    /// <summary>There is a session, and no offer is open.</summary>
    Agreed,

    /// <summary>There is a session; our offer to change it is open.</summary>
    Sent,

    /// <summary>There is a session; the peer's offer to change it is open.</summary>
    Received,
}
