namespace CloudPbx.MediaControl;

/// <summary>Who hears a supervisor.</summary>
public enum SupervisionMode
{
    /// <summary>Nobody.</summary>
    Listen,

    /// <summary>The supervised party alone.</summary>
    Whisper,

    /// <summary>Both parties.</summary>
    Barge,
}
