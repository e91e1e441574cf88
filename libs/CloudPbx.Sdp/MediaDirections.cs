namespace CloudPbx.Sdp;

/// <summary>Arithmetic on <see cref="MediaDirection"/> (RFC 3264 §6.1, §8.4).</summary>
public static class MediaDirections
{
    /// <summary>The same flow seen from the other side: sendonly becomes recvonly.</summary>
    /// <param name="direction">A direction as its writer sees it.</param>
    /// <returns>The direction as the writer's peer sees it.</returns>
    public static MediaDirection Reverse(this MediaDirection direction) =>
        (direction.HasFlag(MediaDirection.SendOnly) ? MediaDirection.RecvOnly : MediaDirection.Inactive)
        | (direction.HasFlag(MediaDirection.RecvOnly) ? MediaDirection.SendOnly : MediaDirection.Inactive);

    /// <summary>The attribute's name, for example <c>sendrecv</c>.</summary>
    /// <param name="direction">Any direction.</param>
    /// <returns>The name in lower case.</returns>
    public static string ToAttributeName(this MediaDirection direction) => direction switch
    {
        MediaDirection.SendOnly => "sendonly",
        MediaDirection.RecvOnly => "recvonly",
        MediaDirection.Inactive => "inactive",
        _ => "sendrecv",
    };

    /// <summary>Reads an attribute's name.</summary>
    /// <param name="name">For example <c>sendonly</c>.</param>
    /// <param name="direction">The direction; <see cref="MediaDirection.SendRecv"/> if the name is none.</param>
    /// <returns>Whether the name is a direction.</returns>
    public static bool TryParse(string name, out MediaDirection direction)
    {
        MediaDirection? found = name switch
        {
            "sendrecv" => MediaDirection.SendRecv,
            "sendonly" => MediaDirection.SendOnly,
            "recvonly" => MediaDirection.RecvOnly,
            "inactive" => MediaDirection.Inactive,
            _ => null,
        };
        direction = found ?? MediaDirection.SendRecv;
        return found is not null;
    }
}
