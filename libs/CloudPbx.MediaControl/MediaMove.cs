namespace CloudPbx.MediaControl;

/// <summary>A session on its way from one node to another: what is asked of it from now on goes to the new one.</summary>
/// <param name="former">The node that it stood on.</param>
/// <param name="next">The node that it goes to.</param>
/// <param name="undo">Has it stay where it was.</param>
/// <param name="done">Called once, when the move is over one way or the other.</param>
public sealed class MediaMove(IMediaNode? former, IMediaNode next, Action undo, Action? done = null) : IDisposable
{
    private Action? _done = done;

    /// <summary>The node that it stood on, where its legs stand until they are removed there; null where that node is gone.</summary>
    public IMediaNode? Former => former;

    /// <summary>The node that it goes to.</summary>
    public IMediaNode Next => next;

    /// <summary>Has the session stay on the former node after all.</summary>
    public void Undo() => undo();

    /// <summary>The move is over: another may begin.</summary>
    public void Dispose()
    {
        _done?.Invoke();
        _done = null;
    }
}
