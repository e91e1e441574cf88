namespace CloudPbx.Portal.Phones;

/// <summary>Phones whose fields the portal knows by name.</summary>
public enum PhoneKind
{
    /// <summary>GNOME Calls.</summary>
    Gnome,

    /// <summary>Linphone.</summary>
    Linphone,

    /// <summary>A phone on a desk, set up by its web page.</summary>
    Desk,

    /// <summary>Any other.</summary>
    Other,
}
