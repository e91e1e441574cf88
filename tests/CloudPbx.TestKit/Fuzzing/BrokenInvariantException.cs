namespace CloudPbx.TestKit.Fuzzing;

/// <summary>An input made a parser contradict itself or another reader of the same octets.</summary>
public sealed class BrokenInvariantException(string message) : Exception(message)
{
    /// <summary>Throws unless the condition holds.</summary>
    public static void Unless(bool condition, string message)
    {
        if (!condition)
            throw new BrokenInvariantException(message);
    }
}
