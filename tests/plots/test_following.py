from hardmax.dynamics import Softmax, simulate
from hardmax.plots.following import Following


def test_a_leader_keeps_its_name_when_another_token_reaches_its_place(corners):
    # Token 0 reaches token 1 to the last bit and then is the first one there. Under the hardmax it would be
    # settled, and still follow token 1.
    trajectory = simulate([[0.5, 0.4], *corners], Softmax(alpha=50.0, temperature=1e-9), layers=15)
    assert trajectory.follows(0)[0] == 1 and trajectory.follows(15)[0] == 0
    following = Following.of(trajectory, 15)
    assert (following.follows[:, 0] == 1).all()
    assert following.leaders[0].tolist() == following.leaders[15].tolist() == [1, 2, 3, 4]
