namespace CloudPbx.Net.Sockets;

/// <summary>What a <see cref="WriteBatch"/> has written at its end.</summary>
internal interface IBatchedWrite
{
    /// <summary>Writes what waits. Called on the batch's thread; must not throw.</summary>
    void WriteNow();
}
