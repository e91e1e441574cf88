namespace CloudPbx.Contracts.Events;

/// <summary>How sound is judged (ITU-T G.107 Annex B).</summary>
public enum SoundQuality
{
    /// <summary>Users are satisfied.</summary>
    Good,

    /// <summary>Some users are dissatisfied.</summary>
    Fair,

    /// <summary>Many users are dissatisfied.</summary>
    Poor,

    /// <summary>Nearly all users are dissatisfied.</summary>
    Bad,
}
